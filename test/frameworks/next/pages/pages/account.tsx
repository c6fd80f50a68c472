import { accountProps } from "../lib/account-props.ts";

export { Account as default } from "../lib/account.tsx";
export const getServerSideProps = accountProps;
