/** The little that the tests use; the package has no types of its own. */
declare module 'mailparser' {
  interface ParsedMail {
    readonly messageId: string;
    readonly subject: string;
    readonly text: string;
    readonly html: string;
    readonly from: { readonly text: string };
    readonly to: { readonly text: string };
  }
  export function simpleParser(source: NodeJS.ReadableStream): Promise<ParsedMail>;
}
