/**
 * A POSIX shell script between us and a program that knows nothing of us. It runs the program, and ends it when its
 * standard input ends: when we close the pipe, or when the system does because we were killed. Then it removes a
 * directory, if one is given. It never writes itself: when we are gone, so are the readers of its output, and a write
 * would end it too early. A shell costs about 1 MB; a second Node process would cost 40.
 *
 * Arguments: signal to end the program with, seconds until it is killed, directory to remove ('' = none), command.
 */
const SCRIPT = `
unset PERENNIAL_TETHER
signal=$1 grace=$2 remove=$3
shift 3
exec 3<&0
"$@" </dev/null 3<&- &
child=$!
exec >/dev/null 2>&1
trap 'kill -s "$signal" "$child" 2>/dev/null' HUP INT TERM
(
  trap '' HUP INT
  while read -r _; do :; done <&3
  kill -s "$signal" "$child" 2>/dev/null || exit 0
  waited=0
  while [ "$waited" -lt "$((grace * 5))" ]; do
    sleep 0.2
    kill -s 0 "$child" 2>/dev/null || exit 0
    waited=$((waited + 1))
  done
  kill -s KILL "$child" 2>/dev/null
) &
watcher=$!
exec 3<&-
while :; do
  wait "$child"
  code=$?
  kill -s 0 "$child" 2>/dev/null || break
done
kill -s KILL "$watcher" 2>/dev/null
[ -z "$remove" ] || rm -rf -- "$remove"
exit "$code"
`;

export interface Tether {
  /** INT is Postgres' fast shutdown; most programs want TERM. */
  readonly signal: 'INT' | 'TERM';
  /** Whole seconds from that signal to a kill. */
  readonly graceSeconds: number;
  /** Removed once the program has ended, however that came. */
  readonly removeDirectory?: string;
}

/** What to run so that `command` runs on a tether. The script is in the environment, to keep process lists readable. */
export function tethered(
  tether: Tether,
  command: string,
  args: readonly string[],
): { file: string; args: string[]; env: { PERENNIAL_TETHER: string } } {
  const { signal, graceSeconds, removeDirectory = '' } = tether;
  return {
    file: '/bin/sh',
    args: ['-c', 'eval "$PERENNIAL_TETHER"', 'tether', signal, String(graceSeconds), removeDirectory, command, ...args],
    env: { PERENNIAL_TETHER: SCRIPT },
  };
}
