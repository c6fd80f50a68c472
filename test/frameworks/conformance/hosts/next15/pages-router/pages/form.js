import { formProps } from "../../../../../next/pages/lib/form-props.ts";

export { Form as default } from "../../../../../next/pages/lib/form.tsx";
export const getServerSideProps = formProps;
