import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';

import { credentialHeaders } from './credentials.ts';
import { accountKey } from './queries.ts';

/** `over`: whoever looks has to come anew; no other connection is tried. */
export type Liveness = 'connecting' | 'live' | 'lost' | 'over';

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 10_000;
/** The server says something every 15 s; twice that without a word is a connection that is dead without knowing it. */
const SILENCE_MS = 35_000;

/**
 * Keeps what is shown of an account as new as the server's: a word from it, and everything is asked for again. Read with fetch, because an
 * EventSource cannot send a header.
 */
export function useLive(account: string): Liveness {
  const queries = useQueryClient();
  const [liveness, setLiveness] = useState<Liveness>('connecting');
  useEffect(() => {
    const ended = new AbortController();
    void watch(account, ended.signal, {
      onWord: () => {
        setLiveness('live');
        void queries.invalidateQueries({ queryKey: accountKey(account) });
      },
      onLost: () => {
        setLiveness('lost');
      },
      onOver: () => {
        setLiveness('over');
      },
    });
    return () => {
      ended.abort();
    };
  }, [account, queries]);
  return liveness;
}

interface Watcher {
  readonly onWord: () => void;
  readonly onLost: () => void;
  readonly onOver: () => void;
}

async function watch(account: string, ended: AbortSignal, watcher: Watcher): Promise<void> {
  let pauseMs = FIRST_PAUSE_MS;
  for (;;) {
    const isOver = await listen(account, ended, () => {
      pauseMs = FIRST_PAUSE_MS;
      watcher.onWord();
    }).catch(() => false);
    if (ended.aborted) return;
    if (isOver) {
      watcher.onOver();
      return;
    }
    watcher.onLost();
    await pause(pauseMs, ended);
    pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2);
  }
}

/** Reads one connection to its end. Answers whether there is no sense in another: the session is over. */
async function listen(account: string, ended: AbortSignal, onWord: () => void): Promise<boolean> {
  const hungUp = new AbortController();
  const hangUp = (): void => {
    hungUp.abort();
  };
  // A connection says nothing when its network goes.
  window.addEventListener('offline', hangUp, { signal: hungUp.signal });
  let alarm = setTimeout(hangUp, SILENCE_MS);
  try {
    const response = await fetch(`/v1/accounts/${encodeURIComponent(account)}/changes`, {
      headers: { ...credentialHeaders(), accept: 'text/event-stream' },
      signal: AbortSignal.any([ended, hungUp.signal]),
    });
    if (response.status === 401 || response.status === 403) return true;
    if (!response.ok || response.body === null) return false;
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return false;
      clearTimeout(alarm);
      alarm = setTimeout(hangUp, SILENCE_MS);
      text += value;
      const events = text.split('\n\n');
      text = events.pop() ?? '';
      if (events.some((event) => event.split('\n').some((line) => line.startsWith('data:')))) onWord();
    }
  } finally {
    clearTimeout(alarm);
    hangUp();
  }
}

/** Until the time is over, the network is back, or nobody waits any more. */
function pause(ms: number, ended: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const awake = new AbortController();
    const goOn = (): void => {
      clearTimeout(timer);
      awake.abort();
      resolve();
    };
    const timer = setTimeout(goOn, ms);
    ended.addEventListener('abort', goOn, awake);
    window.addEventListener('online', goOn, awake);
  });
}
