/**
 * A run in Spark's own web pages, event log and metrics system.
 *
 * <p>Spark offers no public interface for any of this, so everything that touches its internals is
 * here and nowhere else. It is written against Spark 3.5: {@link io.elapid.observe.tab.SparkWatch}
 * looks at the version first and takes a class or method that is not there for what it is, so that
 * another Spark costs the tab, the history and the gauges, and nothing else.
 */
package io.elapid.observe.tab;
