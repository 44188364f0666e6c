"""What models may ask of the outside world."""
