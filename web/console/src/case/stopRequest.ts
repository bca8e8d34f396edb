/** What an officer types about a stop request. Pure. */

/** The amount as the service takes it, null when none is given; undefined when it is none: `¥50,000` → `50000`. */
export function readAmount(typed: string): string | null | undefined {
  const plain = typed.normalize('NFKC').replace(/[\s,¥元]/g, '')
  if (plain === '') return null
  return /^\d{1,14}(\.\d{1,2})?$/.test(plain) && Number(plain) > 0 ? plain : undefined
}
