import PdfDocument from 'pdfkit';

import type { InvoiceDocument } from '../../billing/model/document.ts';
import { epochMs, formatDate } from '../../billing/calendar/instant.ts';
import { formatCount } from '../../billing/model/counts.ts';
import { formatAmount } from '../../billing/money/currency.ts';
import { amountWithCode } from '../../billing/money/amount-with-code.ts';
import { explanationInWords } from './explanation-in-words.ts';
import { setFont } from './fonts.ts';

/** Who an invoice is from and to, as they want to be called. */
export interface InvoiceParties {
  readonly seller: string;
  readonly customer: string;
}

type Line = InvoiceDocument['lines'][number];

/** Points, on A4. */
const PAGE = { margin: 56, width: 595.28, height: 841.89 };
const COLUMNS = {
  description: { x: PAGE.margin, width: 320 },
  quantity: { x: PAGE.margin + 326, width: 60 },
  amount: { x: PAGE.margin + 390, width: PAGE.width - 2 * PAGE.margin - 390 },
};
const FOOTER_HEIGHT = 40;
const INK = '#1a1a1a';
const FAINT = '#5a5a5a';
const RULE = '#c8c8c8';

const STATUS_IN_WORDS: Readonly<Record<InvoiceDocument['status'], string>> = {
  draft: 'Draft: not issued yet',
  open: 'Open',
  paid: 'Paid',
  void: 'Void: nothing is owed',
  uncollectible: 'Uncollectible: not paid and no longer collected',
  carried: 'Carried over to the next invoice',
};

/**
 * An invoice as a PDF of real text: each line with its dates and with why it is what it is (MON-5). The same invoice in the same state
 * makes the same text. Amounts are written with their ISO 4217 decimals.
 */
export async function invoicePdf(invoice: InvoiceDocument, parties: InvoiceParties): Promise<Buffer> {
  const title = invoice.number === null ? 'Invoice (draft)' : `Invoice ${invoice.number}`;
  const pdf = new PdfDocument({
    size: 'A4',
    margins: { top: PAGE.margin, left: PAGE.margin, right: PAGE.margin, bottom: PAGE.margin },
    bufferPages: true,
    lang: 'en',
    info: { Title: title, Author: parties.seller, CreationDate: new Date(epochMs(invoice.issuedAt)) },
  });
  const chunks: Buffer[] = [];
  pdf.on('data', (chunk: Buffer) => chunks.push(chunk));
  const ended = new Promise<void>((resolve, reject) => {
    pdf.on('end', resolve).on('error', reject);
  });
  drawHead(pdf, invoice, parties, title);
  drawColumnHeads(pdf);
  for (const line of invoice.lines) drawLine(pdf, line, invoice.currency);
  drawTotal(pdf, invoice);
  drawFooters(pdf, title);
  pdf.end();
  await ended;
  return Buffer.concat(chunks);
}

function drawHead(pdf: PDFKit.PDFDocument, invoice: InvoiceDocument, parties: InvoiceParties, title: string): void {
  setFont(pdf, 'bold', title).fontSize(18).fillColor(INK).text(title, { width: 480 });
  pdf.moveDown(0.2);
  const status = STATUS_IN_WORDS[invoice.status];
  setFont(pdf, 'plain', status).fontSize(10).fillColor(FAINT).text(status);
  pdf.moveDown(1.2);
  const facts: readonly (readonly [string, string])[] = [
    ['From', parties.seller],
    ['To', parties.customer],
    ['Issued', `${formatDate(invoice.issuedAt)} (UTC)`],
    ['Period', `${formatDate(invoice.periodStart)} to ${formatDate(invoice.periodEnd)} (UTC)`],
    ['Currency', invoice.currency.toUpperCase()],
  ];
  for (const [name, value] of facts) {
    const y = pdf.y;
    setFont(pdf, 'plain', name).fillColor(FAINT).text(name, PAGE.margin, y, { width: 70 });
    setFont(pdf, 'plain', value)
      .fillColor(INK)
      .text(value, PAGE.margin + 76, y, { width: 400 });
    pdf.moveDown(0.25);
  }
  pdf.moveDown(1.2);
}

function drawColumnHeads(pdf: PDFKit.PDFDocument): void {
  const y = pdf.y;
  setFont(pdf, 'bold', 'Description').fontSize(9).fillColor(FAINT);
  pdf.text('Description', COLUMNS.description.x, y, { width: COLUMNS.description.width });
  pdf.text('Quantity', COLUMNS.quantity.x, y, { width: COLUMNS.quantity.width, align: 'right' });
  pdf.text('Amount', COLUMNS.amount.x, y, { width: COLUMNS.amount.width, align: 'right' });
  rule(pdf, y + 14);
  pdf.y = y + 22;
}

function drawLine(pdf: PDFKit.PDFDocument, line: Line, currency: string): void {
  const { width } = COLUMNS.description;
  const small = [...(saysWhen(line) ? [] : [datesOf(line)]), explanationInWords(line.explanation, currency)].join('\n');
  const descriptionHeight = setFont(pdf, 'plain', line.description)
    .fontSize(10)
    .heightOfString(line.description, { width });
  const smallHeight = setFont(pdf, 'plain', small).fontSize(8).heightOfString(small, { width });
  const height = descriptionHeight + smallHeight + 16;
  if (pdf.y + height > PAGE.height - PAGE.margin - FOOTER_HEIGHT) {
    pdf.addPage();
    drawColumnHeads(pdf);
  }
  const y = pdf.y;
  const quantity = formatCount(line.quantity);
  setFont(pdf, 'plain', quantity).fontSize(10).fillColor(INK);
  pdf.text(quantity, COLUMNS.quantity.x, y, { width: COLUMNS.quantity.width, align: 'right' });
  const amount = formatAmount(line.amount, currency);
  pdf.text(amount, COLUMNS.amount.x, y, { width: COLUMNS.amount.width, align: 'right' });
  setFont(pdf, 'plain', line.description).text(line.description, COLUMNS.description.x, y, { width });
  setFont(pdf, 'plain', small).fontSize(8).fillColor(FAINT).text(small, { width });
  pdf.y = y + height;
}

/** What is charged in advance names its dates; they are not said twice. */
function saysWhen({ description, periodStart, periodEnd }: Line): boolean {
  return [periodStart, periodEnd].every((instant) => description.includes(formatDate(instant)));
}

function datesOf({ periodStart, periodEnd }: Line): string {
  return periodStart === periodEnd
    ? `${formatDate(periodStart)} (UTC)`
    : `${formatDate(periodStart)} to ${formatDate(periodEnd)} (UTC)`;
}

function drawTotal(pdf: PDFKit.PDFDocument, { total, currency }: InvoiceDocument): void {
  if (pdf.y + 40 > PAGE.height - PAGE.margin - FOOTER_HEIGHT) pdf.addPage();
  rule(pdf, pdf.y);
  const y = pdf.y + 10;
  const amount = amountWithCode(total, currency);
  setFont(pdf, 'bold', amount).fontSize(11).fillColor(INK).text('Total', PAGE.margin, y, { width: 200 });
  pdf.text(amount, PAGE.margin + 200, y, { width: PAGE.width - 2 * PAGE.margin - 200, align: 'right' });
}

/** At the end, because only then is it known how many pages there are. */
function drawFooters(pdf: PDFKit.PDFDocument, title: string): void {
  const { start, count } = pdf.bufferedPageRange();
  for (let index = start; index < start + count; index++) {
    pdf.switchToPage(index);
    const page = `page ${String(index + 1)} of ${String(count)}`;
    // Below the margin pdfkit would begin a new page.
    pdf.page.margins.bottom = 0;
    const text = `${title} · ${page} · All dates are in UTC. A period includes its start and excludes its end.`;
    setFont(pdf, 'plain', text).fontSize(8).fillColor(FAINT);
    pdf.text(text, PAGE.margin, PAGE.height - PAGE.margin, { width: PAGE.width - 2 * PAGE.margin, lineBreak: false });
  }
}

function rule(pdf: PDFKit.PDFDocument, y: number): void {
  pdf
    .moveTo(PAGE.margin, y)
    .lineTo(PAGE.width - PAGE.margin, y)
    .lineWidth(0.5)
    .strokeColor(RULE)
    .stroke();
}
