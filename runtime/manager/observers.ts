import type { ObservedCall } from "../client/index.ts";
import type { RunObserver } from "../controller/index.ts";

/** Those that are there, as one; none at all where none is, so that nothing is paid for. */
export function observeAll(all: readonly (RunObserver | undefined)[]): RunObserver | undefined {
  const observers = all.filter((observer) => observer !== undefined);
  if (observers.length < 2) return observers[0];
  return {
    began(identity) {
      const runs = observers.map((observer) => observer.began(identity));
      return {
        calls: {
          began: (request) => joined(runs.map(({ calls }) => calls.began(request))),
        },
        within: <T>(work: () => T) => runs.reduceRight<() => T>((inner, run) => () => run.within(inner), work)(),
        ended: (outcome, error) => {
          for (const run of runs) run.ended(outcome, error);
        },
      };
    },
  };
}

function joined(calls: readonly ObservedCall[]): ObservedCall {
  return {
    headers: Object.assign({}, ...calls.map(({ headers }) => headers)) as Record<string, string>,
    answered: (status) => {
      for (const call of calls) call.answered?.(status);
    },
    ended: (error) => {
      for (const call of calls) call.ended(error);
    },
  };
}
