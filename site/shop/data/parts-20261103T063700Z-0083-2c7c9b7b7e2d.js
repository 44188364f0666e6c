(window.fftData??={})["parts-20261103T063700Z-0083"]=JSON.parse('{"parts":[],"nodes":{}}');
