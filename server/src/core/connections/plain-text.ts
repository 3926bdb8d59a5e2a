/** What a stranger says of itself, as it can be shown: one line without controls and marks that reorder text, cut to a length. */
export const plainText = (text: string, most: number): string => {
  const plain = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' ').trim();
  return plain.length > most ? `${plain.slice(0, most - 1)}…` : plain;
};
