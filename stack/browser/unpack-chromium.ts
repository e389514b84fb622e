// A process of unpacked-chromium.ts: unpacks into the temporary directory that its environment names.
import chromium from '@sparticuz/chromium';

await chromium.executablePath();
