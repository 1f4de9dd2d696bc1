// The viewer's icons (Tabler), bundled as markup without styles.

import undo from '@tabler/icons/outline/arrow-back-up.svg?raw';
import redo from '@tabler/icons/outline/arrow-forward-up.svg?raw';
import brush from '@tabler/icons/outline/brush.svg?raw';
import bucketDroplet from '@tabler/icons/outline/bucket-droplet.svg?raw';
import circleDashed from '@tabler/icons/outline/circle-dashed.svg?raw';
import contrast from '@tabler/icons/outline/contrast.svg?raw';
import eraser from '@tabler/icons/outline/eraser.svg?raw';
import flame from '@tabler/icons/outline/flame.svg?raw';
import focus from '@tabler/icons/outline/focus-2.svg?raw';
import keyboard from '@tabler/icons/outline/keyboard.svg?raw';
import lasso from '@tabler/icons/outline/lasso.svg?raw';
import pause from '@tabler/icons/outline/player-pause.svg?raw';
import play from '@tabler/icons/outline/player-play.svg?raw';
import plus from '@tabler/icons/outline/plus.svg?raw';
import ruler2 from '@tabler/icons/outline/ruler-2.svg?raw';
import sphere from '@tabler/icons/outline/sphere.svg?raw';
import target from '@tabler/icons/outline/target.svg?raw';
import trash from '@tabler/icons/outline/trash.svg?raw';
import vectorSpline from '@tabler/icons/outline/vector-spline.svg?raw';

const MARKUP: Record<string, string> = {
  brush,
  contrast,
  eraser,
  flame,
  focus,
  keyboard,
  pause,
  play,
  lasso,
  plus,
  redo,
  sphere,
  target,
  trash,
  undo,
  'bucket-droplet': bucketDroplet,
  'circle-dashed': circleDashed,
  'ruler-2': ruler2,
  'vector-spline': vectorSpline,
};

export function icon(name: string): SVGElement {
  const parsed = new DOMParser().parseFromString(MARKUP[name], 'image/svg+xml')
    .documentElement as unknown as SVGElement;
  parsed.setAttribute('class', 'icon');
  parsed.setAttribute('aria-hidden', 'true');
  return document.importNode(parsed, true);
}
