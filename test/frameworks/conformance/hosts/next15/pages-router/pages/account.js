import { accountProps } from "../../../../../next/pages/lib/account-props.ts";

export { Account as default } from "../../../../../next/pages/lib/account.tsx";
export const getServerSideProps = accountProps;
