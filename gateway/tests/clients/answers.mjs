// All answers to an operation.
export const answersOf = (client) => async (query) => {
  const all = [];
  for await (const answer of client.iterate({ query })) all.push(answer);
  return all;
};
