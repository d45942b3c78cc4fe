"""Published numbers that figures show beside measured ones."""

# "How Does BN Increase Collapsed Neural Network Filters?", arXiv 2001.11216, table 1: CIFAR-10, 5 rounds of 40 epochs
# (200 in all), in percent. Keys: learning rate, psBN or not. Its text does not name the network.
TABLE_1 = "published (arXiv 2001.11216, table 1)"
TABLE_1_ROUNDS, TABLE_1_EPOCHS = 5, 40
TABLE_1_ACCURACY = {
    (0.2, True): (92.38, 93.51, 93.92, 94.00, 94.29),
    (0.2, False): (92.23, 93.51, 93.94, 94.01, 94.10),
    (0.1, True): (88.86, 92.81, 93.49, 94.05, 94.43),
    (0.1, False): (91.26, 92.93, 93.18, 93.67, 93.75),
}
TABLE_1_ENSEMBLE = {(0.2, True): 94.86, (0.2, False): 94.63, (0.1, True): 94.75, (0.1, False): 94.12}
TABLE_1_SPARSITY = {
    (0.2, True): (0.4, 1.0, 2.8, 4.5, 5.3),
    (0.2, False): (0.4, 8.1, 16.6, 24.5, 31.6),
    (0.1, True): (0.2, 0.2, 0.8, 0.6, 0.8),
    (0.1, False): (0.0, 0.0, 1.2, 2.8, 3.8),
}
