export { default, getServerSideProps } from "../ledger.tsx";
