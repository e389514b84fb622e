import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

export type Weight = 'plain' | 'bold';

type Files = Readonly<Record<Weight, string>>;

const require = createRequire(import.meta.url);

/** The fonts of the PDF standard lack most currency signs. */
const DEJAVU: Files = {
  plain: require.resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf'),
  bold: require.resolve('dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf'),
};

/** Chinese, Japanese and Korean: DejaVu has none of it. In the order in which they are tried; each has what the one before lacks. */
const EAST_ASIAN: readonly Files[] = [
  noto(require.resolve('@embedpdf/fonts-jp'), 'NotoSansJP'),
  noto(require.resolve('@embedpdf/fonts-kr'), 'NotoSansKR'),
  noto(require.resolve('@embedpdf/fonts-sc'), 'NotoSansHans'),
];

const IS_EAST_ASIAN =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}\u3000-\u303f\uff00-\uffef]/u;

function noto(entry: string, family: string): Files {
  const folder = join(dirname(entry), '..', 'fonts');
  return { plain: join(folder, `${family}-Regular.otf`), bold: join(folder, `${family}-Bold.otf`) };
}

/**
 * Makes the font current that has the signs of a text; where none has all of them, the one that lacks the fewest. A font that no text uses is
 * not embedded, so other invoices stay small.
 */
export function setFont(pdf: PDFKit.PDFDocument, weight: Weight, text: string): PDFKit.PDFDocument {
  pdf.font(DEJAVU[weight]);
  if (!IS_EAST_ASIAN.test(text)) return pdf;
  const fonts = [DEJAVU, ...EAST_ASIAN].map((files) => ({
    file: files[weight],
    lacks: lacking(pdf, files[weight], text),
  }));
  const best = fonts.reduce((known, each) => (each.lacks < known.lacks ? each : known));
  return pdf.font(best.file);
}

interface CurrentFont {
  readonly _font: { readonly font: { readonly hasGlyphForCodePoint: (codePoint: number) => boolean } };
}

function lacking(pdf: PDFKit.PDFDocument, file: string, text: string): number {
  // Not in pdfkit's types, and there is no other way to know what it would draw as an empty box.
  const { font } = (pdf.font(file) as unknown as CurrentFont)._font;
  return Array.from(text).filter((sign) => !font.hasGlyphForCodePoint(sign.codePointAt(0) ?? 0)).length;
}
