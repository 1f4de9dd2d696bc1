// Numbers as a clinic writes them: fixed decimals for their unit, a real minus sign, an en dash for "none".
const NONE = '–';

export function formatNumber(value: number | null | undefined, decimals: number): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return NONE;
  const text = value.toFixed(decimals);
  return (Number(text) === 0 ? text.replace('-', '') : text).replace('-', '\u2212');
}

export const formatHu = (hu: number | null | undefined) => formatNumber(hu, 0);
export const formatSuvBw = (suv_bw: number | null | undefined) => formatNumber(suv_bw, 2);
export const formatMm = (mm: number | null | undefined) => formatNumber(mm, 1);

export function formatMl(volume_ml: number | null | undefined): string {
  return formatNumber(volume_ml, volume_ml !== null && volume_ml !== undefined && Math.abs(volume_ml) < 10 ? 2 : 1);
}

export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length - 1, bytes > 0 ? Math.floor(Math.log10(bytes) / 3) : 0);
  return `${formatNumber(bytes / 1000 ** power, power === 0 ? 0 : 1)} ${units[power]}`;
}

/** "40 s", "3 min 20 s", "1 h 05 min" */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return NONE;
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
  return `${Math.floor(whole / 3600)} h ${String(Math.floor((whole % 3600) / 60)).padStart(2, '0')} min`;
}
