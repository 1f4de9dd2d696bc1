// The upload form: a place to drop, two buttons to choose, then progress, speed, time left and refused files.
import { el } from '../lib/dom';
import { formatBytes, formatDuration, formatNumber } from '../lib/units';
import { type ChosenFile, chosenIn, droppedIn } from './files';
import { Pace } from './pace';
import { transfer } from './transfer';

export class UploadForm {
  private readonly zone = el('div', { class: 'upload-zone' });
  private readonly progress = el('progress', { class: 'petra-progress', max: 1, value: 0, 'aria-label': 'Upload' });
  private readonly status = el('p', { class: 'upload-status', role: 'status' });
  private readonly refused = el('ul', { class: 'upload-refused' });
  private chosen: ChosenFile[] = [];
  private readonly start = el(
    'button',
    { type: 'submit', class: 'btn btn-primary', disabled: true },
    'Upload and import',
  );

  constructor(private readonly form: HTMLFormElement) {
    this.zone.append(
      el('p', {}, 'Drop a DICOM folder or a zip file here, or choose:'),
      el(
        'div',
        { class: 'btn-list justify-content-center' },
        this.picker('Choose folder', { webkitdirectory: true }),
        this.picker('Choose zip or files', { multiple: true }),
      ),
    );
    this.progress.hidden = true;
    form.append(this.zone, this.progress, this.status, this.refused, this.start);
    this.listenToDrops();
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      void this.send();
    });
  }

  private picker(title: string, attributes: Record<string, boolean>): HTMLElement {
    const input = el('input', {
      type: 'file',
      class: 'visually-hidden',
      ...attributes,
      tabindex: -1,
      'aria-label': title,
    });
    input.addEventListener('change', () => this.choose(chosenIn(input.files as FileList)));
    return el('span', {}, el('button', { type: 'button', class: 'btn', onclick: () => input.click() }, title), input);
  }

  private listenToDrops(): void {
    const over = (on: boolean) => (event: DragEvent) => {
      event.preventDefault();
      this.zone.classList.toggle('is-over', on);
    };
    this.zone.addEventListener('dragover', over(true));
    this.zone.addEventListener('dragleave', over(false));
    this.zone.addEventListener('drop', async (event) => {
      over(false)(event);
      if (event.dataTransfer) this.choose(await droppedIn(event.dataTransfer));
    });
  }

  /** Where the patients come from: the page's own field. */
  private get centre(): string {
    const field = this.form.elements.namedItem('centre');
    return field instanceof HTMLInputElement ? field.value.trim() : '';
  }

  private get total_bytes(): number {
    return this.chosen.reduce((sum, { file }) => sum + file.size, 0);
  }

  private choose(files: ChosenFile[]): void {
    this.chosen = files;
    this.start.disabled = files.length === 0;
    const count = files.length === 1 ? '1 file' : `${files.length} files`;
    this.status.textContent =
      files.length === 0
        ? 'Nothing was chosen.'
        : `${count}, ${formatBytes(this.total_bytes)}. Nothing has been sent yet.`;
  }

  private async send(): Promise<void> {
    const { createUrl = '', csrf = '' } = this.form.dataset;
    this.begin();
    try {
      this.leaveFor(await transfer(createUrl, csrf, this.chosen, this.centre, this.events()));
    } catch (error) {
      this.status.textContent = (error as Error).message;
      this.start.disabled = false;
    } finally {
      removeEventListener('beforeunload', warnBeforeLeaving);
    }
  }

  /** Goes on to the import; with refused files it waits, so that their reasons can be read. */
  private leaveFor(job_url: string): void {
    removeEventListener('beforeunload', warnBeforeLeaving);
    if (this.refused.childElementCount === 0) return location.assign(job_url);
    const count = this.refused.childElementCount;
    this.status.textContent = `Everything else was uploaded; ${count === 1 ? 'one file was' : `${count} files were`} refused:`;
    this.start.replaceWith(el('a', { class: 'btn btn-primary', href: job_url }, 'Go to the import'));
  }

  private begin(): void {
    this.start.disabled = true;
    this.zone.hidden = true;
    this.progress.hidden = false;
    this.refused.replaceChildren();
    addEventListener('beforeunload', warnBeforeLeaving);
  }

  private events(): Parameters<typeof transfer>[4] {
    const pace = new Pace();
    const total_bytes = this.total_bytes;
    let sent_bytes = 0;
    pace.note(performance.now(), 0);
    return {
      sent: (bytes) => {
        sent_bytes += bytes;
        pace.note(performance.now(), sent_bytes);
        this.progress.value = total_bytes > 0 ? sent_bytes / total_bytes : 1;
        this.status.textContent = describe(sent_bytes, total_bytes, pace);
      },
      refused: (path, message) => this.refused.append(el('li', {}, el('code', {}, path), ` ${message}`)),
      waiting: (message) => {
        if (message) this.status.textContent = message;
      },
    };
  }
}

function describe(sent_bytes: number, total_bytes: number, pace: Pace): string {
  const share = `${formatNumber((100 * sent_bytes) / Math.max(1, total_bytes), 0)} %`;
  const amount = `${formatBytes(sent_bytes)} of ${formatBytes(total_bytes)}`;
  return `${share} · ${amount} · ${formatBytes(pace.bytes_per_s)}/s · ${formatDuration(pace.secondsLeft(total_bytes))} left`;
}

function warnBeforeLeaving(event: BeforeUnloadEvent): void {
  event.preventDefault();
}
