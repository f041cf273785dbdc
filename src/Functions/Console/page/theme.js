// How the page looks. The only thing that is kept over a reload, and nothing that anybody stored.

const NAME = 'console.theme';
const ORDER = ['auto', 'light', 'dark'];

function read() {
  try {
    const kept = localStorage.getItem(NAME);
    return ORDER.includes(kept) ? kept : 'auto';
  } catch {
    return 'auto'; // Storage may be switched off.
  }
}

export const theme = {
  current: read(),
  next() {
    this.current = ORDER[(ORDER.indexOf(this.current) + 1) % ORDER.length];
    try { localStorage.setItem(NAME, this.current); } catch { /* Then it holds for this visit. */ }
    this.apply();
  },
  apply() { document.documentElement.dataset.theme = this.current; },
};

theme.apply();
