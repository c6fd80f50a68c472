import { formProps } from "../lib/form-props.ts";

export { Form as default } from "../lib/form.tsx";
export const getServerSideProps = formProps;
