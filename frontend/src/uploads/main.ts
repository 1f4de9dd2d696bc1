// Upload forms: choose or drop a folder or a zip, watch it go, and land on the import job.
//
//   <form data-upload data-create-url="…" data-csrf="{{ csrf_token }}"> (the form builds its own content) </form>
import './uploads.css';
import { UploadForm } from './form';

for (const form of document.querySelectorAll<HTMLFormElement>('form[data-upload]')) new UploadForm(form);
