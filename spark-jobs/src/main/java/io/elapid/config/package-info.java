/**
 * Recipes: what a run is, as one immutable tree of records read from a short HOCON file over {@code
 * conf/base.conf}.
 *
 * <p>The records of {@link io.elapid.config.Recipe} are the schema: component names give the keys,
 * component types the types, {@link io.elapid.config.Bounds} the ranges. A new key is one record
 * component and one commented line in {@code base.conf}. Everything wrong with a recipe is reported
 * at once, with file and line and the nearest key that exists.
 */
package io.elapid.config;
