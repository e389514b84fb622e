import { DefaultPayloadConverter, type PayloadConverter } from '@temporalio/common';

/** Stands for something that was sent and cannot be read. It is no object that a command could be, so it is refused as one. */
export const UNREADABLE = 'an unreadable payload';

/**
 * Temporal's own converter, except that what cannot be decoded is a value like any other: with an error, one signal of broken JSON would
 * fail the account's workflow task again and again, for ever, before any handler could refuse it.
 */
class LenientPayloadConverter extends DefaultPayloadConverter {
  override readonly fromPayload: PayloadConverter['fromPayload'] = (payload) => {
    try {
      return super.fromPayload(payload);
    } catch {
      return UNREADABLE as never;
    }
  };
}

/** The name that Temporal's bundler looks for. */
export const payloadConverter = new LenientPayloadConverter();
