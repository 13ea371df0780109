import { expect, test } from '@jest/globals';
import { foreignEventTypes } from '../../subgraphs/accounts/foreign-event-types.ts';
import { accountsSubscriptions } from '../../subgraphs/accounts/subscriptions.ts';
import { eventHandlers as campaignsHandlers } from '../../subgraphs/campaigns/event-handlers.ts';
import { campaignsSubscriptions } from '../../subgraphs/campaigns/subscriptions.ts';
import { eventHandlers as charityHandlers } from '../../subgraphs/charity/event-handlers.ts';
import { charitySubscriptions } from '../../subgraphs/charity/subscriptions.ts';
import { eventHandlers as catalogueHandlers } from '../../subgraphs/rewards-catalogue/event-handlers.ts';
import { catalogueSubscriptions } from '../../subgraphs/rewards-catalogue/subscriptions.ts';

test('accounts knows every type that others tell it, and no other', () => {
  const told = [catalogueSubscriptions, campaignsSubscriptions, charitySubscriptions].flatMap(
    ({ accounts }) => accounts!,
  );

  expect([...foreignEventTypes].sort()).toEqual([...told].sort());
});

test('whoever accounts tells of something acts on it', () => {
  const handlers = {
    'rewards-catalogue': catalogueHandlers(),
    campaigns: campaignsHandlers({} as never),
    charity: charityHandlers({} as never),
  };

  for (const [name, known] of Object.entries(handlers)) {
    const told = [...accountsSubscriptions[name]!].sort();
    expect([name, Object.keys(known).sort()]).toEqual([name, told]);
  }
});
