export default function Static() {
  return "the same for everyone";
}
