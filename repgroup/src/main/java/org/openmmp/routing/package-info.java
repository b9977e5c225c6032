/**
 * Where mail hosts lead and how to get there: routes, the stores' access data, the trust in
 * referrals, and the search for a store, the same for every server and protocol.
 *
 * <p>A client that writes, and so has to find the master, in a program of its own:
 *
 * <pre>{@code
 * Routing routing = Routing.of(List.of(group), StoreAccess.at(993, TlsPolicy.IMPLICIT));
 * StoreSearch search =
 *     new StoreSearch(
 *         selector, () -> routing, routing, imap, ClientKind.WRITER, Caller.UNKNOWN, group);
 * search.begin(null, deadline, now());
 * StoreHost host = search.next(now()).target();
 * // the login there is answered: NO [REFERRAL imap://dewey/]
 * Referral referral = Referral.ofUrl("imap://dewey/", false);
 * ReferralTrust.Verdict verdict = search.judge(host, referral);
 * if (verdict.kind().followed()) {
 *   search.referred(verdict, false, "referred", now(), Math.random());
 *   search.follow(TlsPolicy.IMPLICIT, referral, verdict, now()); // next is dewey
 * }
 * }</pre>
 *
 * <p>It may use repgroup and wire. What is immutable is safe for any thread; a search belongs to
 * one login or delivery and its thread.
 */
@NullMarked
package org.openmmp.routing;

import org.jspecify.annotations.NullMarked;
