/**
 * Python's pickle format as data.
 *
 * <p>A pickle is a program for a stack machine that may name any function of any module and call
 * it. Here nothing is ever looked up or called: the reader of a file says which names it knows and
 * what plain value each stands for, and every other name ends the reading.
 */
package io.elapid.checkpoint.pickle;
