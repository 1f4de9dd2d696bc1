// Opens a case on the page: frame, side panel, keys, autosave, and the voxels that are still on their way.
import { el } from '../lib/dom';
import { after, markOnce } from '../lib/moments';
import type { Draft } from './drafts';
import { editPanel } from './edit_panel';
import { Exchange } from './exchange';
import { RemoteKeeper } from './keeper_remote';
import { keyActions } from './key_actions';
import { listenToKeys } from './keyboard';
import { sendLeftBehind } from './left_behind';
import { openLook } from './look';
import { watchGraphics } from './lost_context';
import { outcomeForm } from './outcome';
import { caseHeader, folded, section } from './panels';
import { proposalList } from './proposals';
import { ReadingTime } from './reading_time';
import { Saving } from './saving';
import { Screen } from './screen';
import { Session } from './session';
import { SessionNotice } from './session_notice';
import { readSettings, SettingsKeeper, type StoredSettings, storedSettings } from './settings';
import { siteList } from './sites';
import { exposeForTests, type ViewerForTests } from './testing';
import { nextImage } from './timing';
import { Versions } from './versions';
import type { Workplace } from './workplace';

export async function openScreen(root: HTMLElement, workplace: Workplace, stored: StoredSettings): Promise<void> {
  const { task } = workplace.manifest;
  const initial = readSettings(stored, task.kind);
  let keeper: SettingsKeeper | null = null;
  const screen = new Screen(workplace, initial, () => keeper?.note());
  const session = new Session(workplace.manifest);
  const notice = new SessionNotice(workplace.manifest.urls.sign_in);
  const saving = startSaving(screen, session, notice);
  root.replaceChildren(frame(screen, saving, session), notice.element);
  const { opening_layout } = screen;
  await screen.showLayout(opening_layout ?? initial.layout);
  screen.showStatistics();
  bindKeys(screen);
  if (initial.mip.is_turning && !matchMedia('(prefers-reduced-motion: reduce)').matches) screen.mip.start();
  keeper = new SettingsKeeper(root.dataset.settingsUrl ?? '', workplace.manifest.csrf_token, () =>
    storedSettings(
      // What the page itself opened with is no choice of the person.
      screen.scene.layout === opening_layout
        ? { ...screen.viewerSettings, layout: initial.layout }
        : screen.viewerSettings,
      task.kind,
      stored,
    ),
  );
  // Whatever is set with the pointer; what keys set is written when the page is left.
  for (const kind of ['change', 'click']) root.addEventListener(kind, () => keeper.note());
  watchGraphics(screen, () => {
    screen.mip.stop();
    void openLook(root, workplace, 'The graphics of this browser failed and did not come back.');
  });
  await loadVoxels(screen, exposeForTests(screen.scene, workplace));
}

function frame(screen: Screen, saving: Saving | null, session: Session): HTMLElement {
  const own = screen.workplace.manifest.urls.save !== '';
  const versions = own
    ? new Versions(screen.workplace, session, saving, (message) => screen.messages.say(message))
    : null;
  const footer = el(
    'footer',
    { class: 'viewer-footer' },
    screen.readout.element,
    screen.toolbar.saving,
    versions?.element,
  );
  const parts = [
    screen.toolbar.element,
    screen.stage,
    screen.messages.element,
    sidePanel(screen, saving, session),
    footer,
  ];
  return el('div', { class: 'viewer-frame' }, ...parts);
}

function sidePanel(screen: Screen, saving: Saving | null, session: Session): HTMLElement {
  const { manifest, reading } = screen.workplace;
  const { may_draw, kind } = manifest.task;
  const say = (message: string) => screen.messages.say(message);
  const title = kind === 'bat' ? 'New region' : 'New lesion';
  const add = el('button', { type: 'button', class: 'btn btn-sm w-100', onclick: () => reading.addLesion() }, title);
  const proposed =
    may_draw && manifest.proposals.length > 0 ? proposalList(manifest, reading, screen.edits, say) : null;
  return el(
    'aside',
    { class: 'viewer-side', 'aria-label': 'Reading' },
    caseHeader(manifest),
    screen.compared.chooser ? section('Compare', screen.compared.chooser) : null,
    screen.layers.chooser ? section('Layers', screen.layers.chooser) : null,
    section('Tools', screen.toolbox.element),
    may_draw ? folded('Edit lesion', editPanel(screen.edits, screen.settings, say)) : null,
    siteList(),
    section(kind === 'bat' ? 'Brown fat' : 'Lesions', screen.lesions.element, may_draw ? add : null),
    proposed ? section('Proposals', proposed) : null,
    screen.offset ? folded('PET offset', screen.offset.element) : null,
    saving
      ? section(
          'Outcome',
          outcomeForm(manifest, reading, saving, session, say, () => screen.tally.all()),
        )
      : null,
  );
}

function startSaving(screen: Screen, session: Session, notice: SessionNotice): Saving | null {
  const { manifest, reading, draft, opening, owner } = screen.workplace;
  if (!manifest.task.may_draw) {
    screen.toolbar.showReadOnly();
    return null;
  }
  const say = (message: string) => screen.messages.say(message);
  const time = new ReadingTime(owner.visit);
  const keeper = new RemoteKeeper(opening);
  const saving = new Saving({
    manifest,
    reading,
    keeper,
    session,
    time,
    show(state) {
      screen.toolbar.showSaving(state);
      notice.show(state);
    },
    say,
  });
  after('petra:first-image', () => {
    keeper.start();
    time.start(window, session, manifest.urls.time);
  });
  reading.onChange(({ finished, voxels }) => {
    if (finished) saving.note(voxels ?? null);
  });
  goOnFromDrafts(screen, saving, session, draft);
  return saving;
}

function goOnFromDrafts({ workplace, messages }: Screen, saving: Saving, session: Session, draft?: Draft): void {
  if (draft) {
    saving.resume(draft);
    const count = draft.changes === 1 ? '1 change' : `${draft.changes} changes`;
    messages.say(`${count} that had not reached the server: restored from this browser.`);
  }
  const { left_behind, drafts, manifest } = workplace;
  void sendLeftBehind(left_behind, drafts, session, manifest.urls.save).then((sent) => {
    if (sent > 0) messages.say('Another window left changes behind. They are kept as a version: open Versions.', true);
  });
}

function bindKeys(screen: Screen): void {
  const actions = keyActions({
    scene: screen.scene,
    reading: screen.workplace.reading,
    toolbox: screen.toolbox,
    hand: screen.hand,
    edits: screen.edits,
    settings: screen.settings,
    applyAtCrosshair: () => screen.applyAtCrosshair(),
    say: (message) => screen.say(message),
    offset: screen.offset,
    may_draw: screen.workplace.manifest.task.may_draw,
    restyle: (changes) => screen.restyle(changes),
    showLayout: (name) => void screen.showLayout(name),
    paneInUse: () => screen.paneInUse(),
    usePane: (steps) => screen.usePane(steps),
    maximise: () => screen.maximise(),
    toggleContours: () => screen.toggleContours(),
    mip: {
      toggle: () => screen.mip.toggle(),
      turn: (degrees) => screen.turnMip(degrees),
      nextSpeed: () => screen.mip.nextSpeed(),
    },
  });
  listenToKeys(actions);
}

async function loadVoxels(screen: Screen, exposed: ViewerForTests): Promise<void> {
  const { scene, toolbar, messages, workplace } = screen;
  const exchange = new Exchange(scene, workplace);
  try {
    await workplace.load(
      () => scene.cursor_lps_mm,
      (volume, slices) => exchange.arrived(volume, slices),
      (share) => toolbar.showLoading(share),
    );
    if (workplace.manifest.task.may_draw) screen.hand.restoreLiver();
    exposed.state = 'loaded';
    await drawnWhole(screen, exchange);
  } catch (error) {
    exposed.state = 'failed';
    messages.say(`Images are incomplete: ${(error as Error).message} Reload the page.`, true);
  }
  exchange.takeOver();
  scene.render();
  screen.measureAnew();
}

/** Draws the planes with every voxel; the MIP and the measures wait until they can be seen. */
async function drawnWhole({ scene, stage }: Screen, exchange: Exchange): Promise<void> {
  const drawn = nextImage(stage);
  exchange.takeOver();
  scene.renderPlanes();
  await drawn;
  markOnce('petra:loaded');
}
