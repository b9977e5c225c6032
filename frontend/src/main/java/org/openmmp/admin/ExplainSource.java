package org.openmmp.admin;

import java.util.concurrent.CompletionStage;

/** Where the way of a login name to its store is worked out, without a login (rule B8.4). */
public interface ExplainSource {
  /**
   * Works it out as a login now would, taking nothing.
   *
   * @param loginName as a client would type it; any text without controls
   * @param service the service's name in lower case, such as {@code imap}
   * @param client the address that the client would come from, for service access rules
   * @return completes on any thread
   */
  CompletionStage<Explanation> explain(String loginName, String service, String client);
}
