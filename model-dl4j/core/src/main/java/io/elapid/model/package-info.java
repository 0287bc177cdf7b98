/**
 * The networks: {@link io.elapid.model.Models} knows them by name, each family has its own package
 * with the same three files: its configuration, its blocks, the network.
 */
package io.elapid.model;
