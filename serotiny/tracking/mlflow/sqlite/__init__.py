"""What is done with the file of a sqlite store beside MLflow: who makes it, who waits for whom, and a run read early."""
