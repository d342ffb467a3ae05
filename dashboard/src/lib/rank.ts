// Which choices fit some letters, best first.

export interface Choice {
  label: string;
  also?: string;
}

/** A whole beginning beats a word's beginning, that beats a part, that beats scattered letters; 0 is no fit. */
function fitness(label: string, wanted: string): number {
  const text = label.toLowerCase();
  if (text.startsWith(wanted)) return 4;
  if (text.includes(` ${wanted}`)) return 3;
  if (text.includes(wanted)) return 2;
  let at = -1;
  for (const char of wanted) {
    at = text.indexOf(char, at + 1);
    if (at < 0) return 0;
  }
  return text.length < 40 ? 1 : 0;
}

/** Those that fit; ties keep their order. */
export function ranked<C extends Choice>(choices: readonly C[], text: string): C[] {
  const wanted = text.trim().toLowerCase();
  if (wanted === "") return [...choices];
  const scored = choices.map((choice) => ({
    choice,
    score: Math.max(fitness(choice.label, wanted), choice.also?.toLowerCase().includes(wanted) ? 2 : 0),
  }));
  return scored
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .map(({ choice }) => choice);
}
