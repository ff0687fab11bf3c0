/** What one does about a failure. Remedies are written in Markdown; of that they use nothing but backticks. */
export function Remedy({ text }: { readonly text: string }) {
  return (
    <span class="remedy">
      {text.split('`').map((part, at) => (at % 2 === 1 ? <code key={part}>{part}</code> : part))}
    </span>
  );
}
