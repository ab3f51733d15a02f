/** Text as its writer wrote it, with its web addresses as links. */

const ADDRESS = /https?:\/\/[^\s<>"']+/g;
// What ends a sentence rather than an address.
const TRAILING = /[.,;:!?)\]}]+$/;

export function LinkedText({ text }: { text: string }) {
  const parts: (string | { address: string })[] = [];
  let from = 0;
  for (const found of text.matchAll(ADDRESS)) {
    const address = found[0].replace(TRAILING, "");
    if (!URL.canParse(address)) continue;
    parts.push(text.slice(from, found.index), { address });
    from = found.index + address.length;
  }
  parts.push(text.slice(from));
  return parts.map((part, index) => (typeof part === "string" ? part : <SafeLink key={index} address={part.address} />));
}

function SafeLink({ address }: { address: string }) {
  return (
    <a href={address} className="link" target="_blank" rel="nofollow noopener noreferrer ugc">
      {address}
    </a>
  );
}
