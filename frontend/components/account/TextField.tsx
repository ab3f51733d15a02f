import { useId, type InputHTMLAttributes } from "react";

type Props = Omit<InputHTMLAttributes<HTMLInputElement>, "onChange"> & { label: string; hint?: string; onChange: (value: string) => void };

/** One line that has to be filled in, under its label. */
export function TextField({ label, hint, onChange, ...input }: Props) {
  const id = useId();
  return (
    <div>
      <label htmlFor={id} className="mb-1 block text-sm font-medium">
        {label}
      </label>
      <input {...input} id={id} required aria-describedby={hint ? `${id}-hint` : undefined} className="field min-h-11" onChange={(event) => onChange(event.target.value)} />
      {hint ? (
        <p id={`${id}-hint`} className="mt-1 text-sm text-faint">
          {hint}
        </p>
      ) : null}
    </div>
  );
}
