/**
 * A file's name as a header says it (RFC 6266): the name as it is for those who read `filename*`, and one without anything that could end
 * the header, or mean a folder, for those who do not. Ids may have any printable characters.
 */
export function attachmentNamed(name: string): string {
  const plain = name.replaceAll(/[^\w.-]/g, '_');
  const flat = name.replaceAll(/[/\\]/g, '_');
  const encoded = encodeURIComponent(flat).replaceAll(/['()*]/g, (each) => `%${each.charCodeAt(0).toString(16)}`);
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}
