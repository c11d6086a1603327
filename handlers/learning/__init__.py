"""What comes of training: reminders, attendance, evaluations, certificates, reports."""
