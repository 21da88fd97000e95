/** What the demo shows: one line for each thing that happens, with the seconds since the start. */
export interface Terminal {
  title(text: string): void;
  command(text: string): void;
  /** @param who what it is about, such as `Pod/sample-1` */
  line(who: string, what: string): void;
  output(text: string): void;
}

const WHO_WIDTH = 42;

export function terminal(stream: NodeJS.WriteStream = process.stdout): Terminal {
  const began = performance.now();
  const paint = (code: number, text: string) => (stream.isTTY && !process.env["NO_COLOR"] ? `\u001B[${code}m${text}\u001B[0m` : text);
  const write = (text: string) => {
    const seconds = ((performance.now() - began) / 1000).toFixed(1).padStart(5);
    stream.write(`${paint(2, `${seconds} s`)}  ${text}\n`);
  };
  return {
    title: (text) => void stream.write(`\n${paint(1, text)}\n`),
    command: (text) => write(paint(1, `$ ${text}`)),
    line: (who, what) => write(`${paint(36, who.padEnd(WHO_WIDTH))} ${what}`),
    output(text) {
      for (const line of text.trimEnd().split("\n")) stream.write(`           ${paint(2, line)}\n`);
    },
  };
}
