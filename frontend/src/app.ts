// Every page: the theme, HTMX without inline styles or eval, confirm dialogs, the light/dark switch, the key sheet.
import '@tabler/core/dist/css/tabler.min.css';
import '@fontsource-variable/inter/wght.css';
import './theme/tokens.css';
import './theme/base.css';
import './theme/frame.css';
import './theme/parts.css';
import './theme/frame.css';
import './theme/states.css';
import '@tabler/core/dist/js/tabler.esm.js';
import htmx from 'htmx.org';
import { askBeforeLeavingOrSubmitting } from './app/confirm';
import { offerChoosing } from './app/choosing';
import { offerKeySheet } from './app/keysheet';
import { offerMentions } from './app/mentions';
import { letKeysMoveThroughRows } from './app/rows';
import { letKeysScroll } from './app/scrolling';
import { followTheme } from './app/theme';
import { beatWhileOpen } from './team/heartbeat';

// The content-security policy forbids injected styles and eval; nothing on our pages needs either.
htmx.config.includeIndicatorStyles = false;
htmx.config.allowEval = false;
htmx.config.selfRequestsOnly = true;

followTheme();
askBeforeLeavingOrSubmitting(document);
offerKeySheet(document);
letKeysScroll(document);
letKeysMoveThroughRows(document);
offerChoosing(document);
offerMentions(document);
beatWhileOpen(document);
document.addEventListener('htmx:afterSettle', (event) => {
  letKeysScroll(event.target as HTMLElement);
  offerMentions(document);
});
