import type { ReactElement } from 'react';

import type { Schemas } from '../api/client.ts';
import { quantity } from '../format/quantity.ts';
import { day } from '../format/time.ts';
import { words } from '../words/meters.ts';
import { Gauge } from './gauge.tsx';

/** What is used and held of what a plan includes, what is left, and when it is there again. No amounts: also for members. */
export function AllowanceGauge({ meter }: { readonly meter: Schemas['MeterForMembers'] }): ReactElement {
  const { unit, included, usedIncluded, held, renewsAt } = meter;
  const left = Math.max(0, included - usedIncluded - held);
  const notes = [words.left(quantity(left, unit)), ...(renewsAt === null ? [] : [words.renews(day(renewsAt))])];
  return (
    <Gauge
      name={words.gauge(unit)}
      whole={included}
      parts={[
        { name: words.used, value: usedIncluded, color: 'evergreen', shown: quantity(usedIncluded, unit) },
        ...(held > 0 ? [{ name: words.held, value: held, color: 'blue', shown: quantity(held, unit) }] : []),
      ]}
      left={notes.join(' · ')}
    />
  );
}
