/**
 * What people see of a run: a line on the terminal while it lasts, a log of numbers for other
 * programs, and one page to keep.
 *
 * <p>Everything here takes plain values and knows neither recipes nor workers. Nothing here may
 * stop a run: a log that cannot be written is reported and training goes on.
 */
package io.elapid.observe;
