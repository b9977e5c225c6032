package org.openmmp.repgroup;

/** What became of a second connection that was begun beside a host that was late (rule B2.31). */
public enum HedgeResult {
  /** The login went on there. */
  USED,
  /** The first host greeted after all, or the login ended. */
  UNUSED,
  /** It did not come as far as where a login begins: no evidence against any host. */
  FAILED,
  /** It was not begun: too many logins wanted one. */
  OVER_BUDGET
}
