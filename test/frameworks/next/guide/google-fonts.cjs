// What Next reads in the place of Google's answers (NEXT_FONT_GOOGLE_MOCKED_RESPONSES): the layout of create-next-app
// has two of its fonts, and a build must not depend on a site that has nothing to do with what is tested.
const face = (name) => `@font-face { font-family: "${name}"; font-weight: 100 900; src: local("sans-serif"); }`;
module.exports = {
  "https://fonts.googleapis.com/css2?family=Geist:wght@100..900&display=swap": face("Geist"),
  "https://fonts.googleapis.com/css2?family=Geist+Mono:wght@100..900&display=swap": face("Geist Mono"),
};
