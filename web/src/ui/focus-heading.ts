// Puts the focus on the page's heading: a screen reader then says where one is.
export function focusHeading(): void {
  document.querySelector<HTMLElement>('h1')?.focus({ preventScroll: true });
}
