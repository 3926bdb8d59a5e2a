// The box that picks a grant while several are being selected.
import { Checkbox } from '@mantine/core';

export function PickBox({ label, picked, onToggle }: { label: string; picked: boolean; onToggle: () => void }) {
  return <Checkbox mt={4} aria-label={label} checked={picked} onChange={onToggle} />;
}
