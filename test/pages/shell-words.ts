/** What a shell makes of a command line, as far as pages need it. */

const token =
  /(?<space>\s+)|(?<comment>#.*)|(?<operator>&&|\|\||[|;&])|(?<redirection>[<>]+\s*(?:'[^']*'|"[^"]*"|\S+))|(?<word>(?:'[^']*'|"[^"]*"|[^\s'"|;&<>])+)/gy

/** The words of each command of a pipe or list, without variables that are set for it, redirections and comments. */
export function commandsIn(line: string): readonly (readonly string[])[] {
  const commands: string[][] = [[]]
  for (const { groups } of line.matchAll(token)) {
    if (groups?.operator !== undefined) commands.push([])
    const words = commands[commands.length - 1]
    const isVariable = words.length === 0 && /^[A-Z_]+=/.test(groups?.word ?? '')
    if (groups?.word !== undefined && !isVariable) words.push(groups.word.replace(/'([^']*)'|"([^"]*)"/g, '$1$2'))
  }
  return commands.filter((words) => words.length > 0)
}

/** What follows `shoal`, however it is called; null: another program is. */
export function shoalArguments(words: readonly string[]): readonly string[] | null {
  if (words[0] === 'shoal') return words.slice(1)
  return words.slice(0, 4).join(' ') === 'npm run shoal --' ? words.slice(4) : null
}
