import { useMergedRef } from '@mantine/hooks';
import type { Ref, RefCallback } from 'react';

/** All that Mantine's scroll area takes of `@floating-ui/react`; see `vite.config.ts`. */
export function useMergeRefs<Instance>(refs: readonly Ref<Instance>[]): RefCallback<Instance> {
  return useMergedRef(...refs);
}
