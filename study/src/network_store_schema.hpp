#pragma once

namespace bncollapse::study {

/// The tables of a store of trainings; docs/ARCHITECTURE.md says what their columns hold.
inline constexpr char network_store_schema[] = R"sql(
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE training (
  point INTEGER PRIMARY KEY, parameters TEXT NOT NULL, epoch_steps INTEGER NOT NULL, rounds INTEGER NOT NULL,
  epochs INTEGER NOT NULL, multiplications INTEGER NOT NULL, parameter_count INTEGER NOT NULL,
  finished INTEGER NOT NULL);
CREATE TABLE environment (
  point INTEGER PRIMARY KEY REFERENCES training, engine TEXT NOT NULL, device TEXT NOT NULL,
  dataset TEXT NOT NULL, folder_fingerprint TEXT, train_fingerprint TEXT NOT NULL, test_fingerprint TEXT NOT NULL);
CREATE TABLE layer (
  point INTEGER NOT NULL REFERENCES training, layer INTEGER NOT NULL, name TEXT NOT NULL, inputs INTEGER NOT NULL,
  outputs INTEGER NOT NULL, kernel INTEGER NOT NULL, positions INTEGER NOT NULL, normalised INTEGER NOT NULL,
  PRIMARY KEY (point, layer)) WITHOUT ROWID;
CREATE TABLE epoch (
  point INTEGER NOT NULL REFERENCES training, round INTEGER NOT NULL, epoch INTEGER NOT NULL, step INTEGER NOT NULL,
  loss REAL NOT NULL, accuracy REAL NOT NULL, learning_rate REAL NOT NULL, seconds REAL NOT NULL,
  PRIMARY KEY (point, round, epoch)) WITHOUT ROWID;
CREATE TABLE round_value (
  point INTEGER NOT NULL REFERENCES training, round INTEGER NOT NULL, step INTEGER NOT NULL, quantity TEXT NOT NULL,
  value REAL NOT NULL, PRIMARY KEY (point, round, quantity)) WITHOUT ROWID;
CREATE TABLE layer_value (
  point INTEGER NOT NULL REFERENCES training, round INTEGER NOT NULL, layer INTEGER NOT NULL, quantity TEXT NOT NULL,
  value REAL NOT NULL, PRIMARY KEY (point, round, layer, quantity)) WITHOUT ROWID;
CREATE TABLE channel (
  point INTEGER NOT NULL REFERENCES training, step INTEGER NOT NULL, round INTEGER NOT NULL, layer INTEGER NOT NULL,
  channel INTEGER NOT NULL, gamma REAL, beta REAL, filter_norm REAL NOT NULL, activation_probability REAL,
  gaussian_probability REAL, maximum REAL, PRIMARY KEY (point, step, round, layer, channel)) WITHOUT ROWID;
CREATE TABLE gradient_moment (
  point INTEGER NOT NULL REFERENCES training, round INTEGER NOT NULL, layer INTEGER NOT NULL, channel INTEGER NOT NULL,
  gamma_mean REAL NOT NULL, beta_mean REAL NOT NULL, gamma_variance REAL NOT NULL, beta_variance REAL NOT NULL,
  covariance REAL NOT NULL, PRIMARY KEY (point, round, layer, channel)) WITHOUT ROWID;
CREATE TABLE pruned (
  point INTEGER NOT NULL REFERENCES training, round INTEGER NOT NULL, criterion TEXT NOT NULL,
  multiplications_before INTEGER NOT NULL, multiplications_after INTEGER NOT NULL, accuracy_before REAL NOT NULL,
  accuracy_after REAL NOT NULL, images_per_second_before REAL NOT NULL, images_per_second_after REAL NOT NULL,
  PRIMARY KEY (point, round, criterion)) WITHOUT ROWID;
CREATE TABLE probe (
  point INTEGER NOT NULL REFERENCES training, round INTEGER NOT NULL, layer INTEGER NOT NULL, channel INTEGER NOT NULL,
  gamma REAL NOT NULL, beta REAL NOT NULL, alpha REAL NOT NULL, learning_rate REAL NOT NULL, batches INTEGER NOT NULL,
  noise REAL NOT NULL, drift_theorem1 REAL NOT NULL, drift_signal REAL NOT NULL, drift_measured REAL NOT NULL,
  standard_error REAL NOT NULL, PRIMARY KEY (point, round, layer, channel)) WITHOUT ROWID;
CREATE TABLE verdict (
  position INTEGER PRIMARY KEY, check_name TEXT NOT NULL, claim TEXT NOT NULL, point INTEGER, field TEXT NOT NULL,
  measured REAL NOT NULL, standard_error REAL NOT NULL, predicted REAL, deviation REAL NOT NULL,
  tolerance REAL NOT NULL, tolerance_source TEXT NOT NULL, verdict TEXT NOT NULL, note TEXT NOT NULL);
CREATE TABLE checksum (point INTEGER PRIMARY KEY, sum INTEGER NOT NULL);
)sql";

}  // namespace bncollapse::study
