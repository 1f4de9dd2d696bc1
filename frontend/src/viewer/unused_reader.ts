// Stands in for vtk.js's mesh file readers, which the viewer never calls (see vite.config.ts).
export default { newInstance: () => undefined };
