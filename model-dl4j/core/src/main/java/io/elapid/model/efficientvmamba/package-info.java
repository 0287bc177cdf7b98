/**
 * EfficientVMamba (Pei, Huang and Xu, "EfficientVMamba: Atrous Selective Scan for Light Weight
 * Visual Mamba", AAAI 2025): a state space whose four directions each scan a quarter of the map,
 * beside convolutions, and inverted residuals in the deep stages.
 */
package io.elapid.model.efficientvmamba;
