import { styleText } from 'node:util';

type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow';
export type Paint = (style: Style, text: string) => string;

export function painter(isColorful: boolean): Paint {
  return isColorful ? (style, text) => styleText(style, text) : (_style, text) => text;
}
