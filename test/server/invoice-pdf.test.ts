import { inflateSync } from 'node:zlib';

import { PDFParse } from 'pdf-parse';
import { describe, expect, it } from 'vitest';

import type { InvoiceDocument } from '../../billing/model/document.ts';
import { parseInstant } from '../../billing/calendar/instant.ts';
import { invoicePdf } from '../../server/pdf/invoice-pdf.ts';

const PARTIES = { seller: 'CodSpeed', customer: 'acme' };

function invoice(change: Partial<InvoiceDocument> = {}, lines = 1): InvoiceDocument {
  const line: InvoiceDocument['lines'][number] = {
    kind: 'proration',
    quantity: 1,
    amount: 900_000,
    periodStart: parseInstant('2027-07-02T12:00:00Z'),
    periodEnd: parseInstant('2028-01-01T00:00:00Z'),
    description: '1 seat, added during the year',
    explanation: {
      rule: 'SBI-3',
      formula: 'price × remaining seconds ÷ seconds of the cycle',
      inputs: { priceCents: 18_000, seats: 1 },
    },
  };
  return {
    number: 'acme-0002',
    purpose: 'seats',
    issuedAt: parseInstant('2027-07-02T12:00:00Z'),
    periodStart: line.periodStart,
    periodEnd: line.periodEnd,
    currency: 'eur',
    total: 900_000 * lines,
    status: 'paid',
    lines: Array.from({ length: lines }, () => line),
    stripe: null,
    ...change,
  };
}

async function read(document: InvoiceDocument, parties = PARTIES): Promise<{ text: string; pages: readonly string[] }> {
  const parser = new PDFParse({ data: new Uint8Array(await invoicePdf(document, parties)) });
  try {
    const { text, pages } = await parser.getText();
    return { text: text.replace(/\s+/g, ' '), pages: pages.map((page) => page.text) };
  } finally {
    await parser.destroy();
  }
}

/** What the pages are drawn with. */
function drawnIn(pdf: Buffer): string {
  const streams = pdf.toString('latin1').matchAll(/stream\n([\s\S]*?)\nendstream/g);
  return [...streams]
    .map(([, stream = '']) => {
      try {
        return inflateSync(Buffer.from(stream, 'latin1')).toString('latin1');
      } catch {
        return '';
      }
    })
    .filter((text) => text.includes(' Tf'))
    .join('\n');
}

describe('invoicePdf', () => {
  it('has the number, the parties, the dates with their zone, the lines and the total as text', async () => {
    const { text } = await read(invoice());
    expect(text).toContain('Invoice acme-0002');
    expect(text).toContain('From CodSpeed');
    expect(text).toContain('To acme');
    expect(text).toContain('Paid');
    expect(text).toContain('Jul 2, 2027 to Jan 1, 2028 (UTC)');
    expect(text).toContain('1 seat, added during the year');
    expect(text).toContain('Total €9,000.00 EUR');
    expect(text).toContain('page 1 of 1');
  });

  it('given a line that names its dates, then they are printed once', async () => {
    const { text } = await read(invoice());
    expect(text.match(/Jan 1, 2028/g)).toHaveLength(2);
    const [line] = invoice().lines;
    const lines = [{ ...line!, description: '1 seat added on Jul 2, 2027, until Jan 1, 2028' }];
    expect((await read(invoice({ lines }))).text.match(/Jan 1, 2028/g)).toHaveLength(2);
    const half = [{ ...line!, description: 'Unused part of the year until Jan 1, 2028' }];
    expect((await read(invoice({ lines: half }))).text).toMatch(
      /until Jan 1, 2028.*Jul 2, 2027 to Jan 1, 2028 \(UTC\)/,
    );
  });

  it('MON-5 given a line, when the invoice is printed, then its rule in words, its formula and its inputs stand beside it', async () => {
    const { text } = await read(invoice());
    expect(text).toContain(
      'Seats added during a yearly term are charged for the rest of the term. price × remaining seconds ÷ seconds of the cycle (price: €180.00; seats: 1)',
    );
    expect(text).not.toContain('SBI-3');
  });

  it.each([
    ['jpy', '¥900,000 JPY'],
    ['kwd', 'Total KWD 900.000'],
    ['inr', '₹9,000.00 INR'],
    ['usd', '$9,000.00 USD'],
  ])(
    'MON-1 given an amount in %s, when it is printed, then it has the decimals of its currency',
    async (currency, shown) => {
      const { text } = await read(invoice({ currency }));
      expect(text).toContain(shown);
      expect(text).not.toMatch(/([A-Z]{3}) [\d.,]+ \1/);
    },
  );

  it.each([
    ['Japanese', '株式会社 日本語', 'プロ・チームズ、髙﨑様の契約'],
    ['Chinese', '北京软件有限公司', '专业版，简体中文发票'],
    ['Korean', '주식회사 한국어', '프로 요금제'],
  ])(
    'given names in %s, when the invoice is printed, then they are text, and every sign has a glyph',
    async (_, seller, plan) => {
      const [line] = invoice().lines;
      const lines = [{ ...line!, description: plan }];
      const pdf = await invoicePdf(invoice({ lines, number: `${seller}-0001` }), { seller, customer: plan });
      const { text } = await read(invoice({ lines, number: `${seller}-0001` }), { seller, customer: plan });
      expect(text).toContain(`Invoice ${seller}-0001`);
      expect(text).toContain(`From ${seller}`);
      expect(text).toContain(`To ${plan}`);
      expect(pdf.toString('latin1')).toMatch(/\/FontName \/[A-Z]{6}\+NotoSans/);
    },
  );

  it('given no East Asian text, then no East Asian font is embedded, and the file is small', async () => {
    const pdf = await invoicePdf(invoice(), PARTIES);
    expect(pdf.toString('latin1')).not.toContain('NotoSans');
    expect(pdf.length).toBeLessThan(60_000);
  });

  it('given several pages, then the first line of each is set like the others: what is plain is in one font', async () => {
    const drawn = drawnIn(await invoicePdf(invoice({}, 40), PARTIES));
    const fonts = [...drawn.matchAll(/\/(F\d+) (?:8|10) Tf/g)].map(([, font]) => font);
    expect(fonts.length).toBeGreaterThan(80);
    expect(new Set(fonts).size).toBe(1);
  });

  it('breaks between lines, heads each page, and numbers them', async () => {
    const { pages } = await read(invoice({}, 40));
    expect(pages.length).toBeGreaterThan(2);
    for (const [index, page] of pages.entries()) {
      expect(page).toContain(`page ${String(index + 1)} of ${String(pages.length)}`);
    }
    expect(pages.slice(0, -1).every((page) => page.includes('Description'))).toBe(true);
    expect(pages.join(' ').match(/1 seat, added/g)).toHaveLength(40);
  });

  it('says of a draft that it is none yet', async () => {
    const { text } = await read(invoice({ number: null, status: 'draft' }));
    expect(text).toContain('Invoice (draft)');
    expect(text).toContain('not issued yet');
  });

  it('makes the same bytes of the same invoice', async () => {
    const once = await invoicePdf(invoice(), PARTIES);
    const twice = await invoicePdf(invoice(), PARTIES);
    expect(once.equals(twice)).toBe(true);
  });
});
